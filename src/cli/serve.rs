//! `munjigi serve`: the gateway.

use super::{Outcome, bind, clock, settings, start_logging, stop_signal};
use crate::{
    app::App,
    config::{Config, Env},
};

pub(super) async fn run() -> Outcome {
    let config = settings()?;
    start_logging(&config.log);
    for warning in Config::warnings(&Env::read()) {
        tracing::warn!(event = "config_warning", warning);
    }
    let listener = bind(config.server.listen).await?;
    let app = App::build(config, clock(), listener, None).await?;
    let stop = stop_signal();
    let shared = app.shared();
    tracing::info!(
        event = "started",
        version = env!("CARGO_PKG_VERSION"),
        listen = %app.local_addr().unwrap_or(shared.config.server.listen),
        public_url = %shared.config.server.public_url,
        redirect_uri = shared.logins.redirect_uri(),
        database = shared.context.storage.engine().as_str(),
        algorithm = shared.config.tokens.algorithm.as_str(),
        kid = shared.context.keys.current().active_kid(),
    );
    app.run(stop).await?;
    tracing::info!(event = "stopped");
    Ok(())
}
