//! The program that is the entrypoint of the frontend's image.

use buildkit_gateway::{Client, Environment, Error};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let client = Client::from_stdio().await?;
    let environment = Environment::current();
    client
        .serve(async |client| tiny_frontend::build(client, &environment).await)
        .await
}
