//! `cargo run -p stagefile-proto-generate`

fn main() -> anyhow::Result<()> {
    stagefile_proto_generate::write()
}
