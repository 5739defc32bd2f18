module go-web

go 1.19
