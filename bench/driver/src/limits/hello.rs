//! The framework alone: what no route of the gateway can be faster than.

use std::net::SocketAddr;

use poem::{Route, Server, get, handler, listener::TcpListener, web::Json};
use serde_json::{Value, json};

use crate::Outcome;

#[handler]
fn livez() -> Json<Value> {
    Json(json!({"status": "healthy"}))
}

pub async fn serve(listen: SocketAddr) -> Outcome {
    Server::new(TcpListener::bind(listen)).run(Route::new().at("/livez", get(livez))).await?;
    Ok(())
}
