variable "VERSION" { default = "dev" }
variable "PREFIX" { default = "" }

group "default" { targets = ["service", "page"] }

target "service" {
  matrix     = { service = ["api", "worker"] }
  name       = service
  dockerfile = "${service}/Stagefile"
  args       = { VERSION = VERSION }
  tags       = ["${PREFIX}${service}:${VERSION}"]
}

target "page" {
  dockerfile = "page/Stagefile"
  tags       = ["${PREFIX}page:${VERSION}"]
}
