//! `munjigi serve`: the gateway.

use super::{Outcome, bind, clock, settings, start_counting, start_logging, stop_signal};
use crate::{
    app::App,
    config::{Config, Env},
};

pub(super) async fn run() -> Outcome {
    let config = settings()?;
    let counts = if config.metrics.is_some() {
        Some(start_counting(&config.log))
    } else {
        start_logging(&config.log);
        None
    };
    for warning in Config::warnings(&Env::read()) {
        tracing::warn!(event = "config_warning", warning);
    }
    let listener = bind(config.server.listen).await?;
    let mut app = App::build(config, clock(), listener, None).await?;
    if let Some(counts) = counts {
        let at = app.tell_metrics(counts).await?;
        tracing::info!(event = "metrics", listen = %at);
    }
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
