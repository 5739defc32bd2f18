//! `cargo run -p buildkit-proto-generate`

fn main() -> anyhow::Result<()> {
    buildkit_proto_generate::write()
}
