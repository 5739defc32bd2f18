use axum::{Router, routing::get};
use std::net::Ipv4Addr;

fn greeting() -> String {
    let name = std::env::var("NAME").unwrap_or_else(|_| "nobody".into());
    format!("hello from Rust to {name}\n")
}

fn main() -> std::io::Result<()> {
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(8080);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).await?;
        axum::serve(listener, Router::new().route("/", get(|| async { greeting() }))).await
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn somebody_is_greeted() {
        assert!(super::greeting().starts_with("hello from Rust to "));
    }
}
