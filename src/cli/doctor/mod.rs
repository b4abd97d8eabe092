//! `munjigi doctor`: whether everything around the gateway is as it needs it. Changes nothing, and never provokes Kakao: it
//! asks for public documents only, because Kakao mails the owner of an app about every failing login request.

mod addresses;
mod database;
mod register;
mod report;
mod together;
mod upstream;

use report::{Check, Report};

use super::{Failure, Outcome, check_config, clock};
use crate::{
    config::{Config, Env, Problem},
    provider::http::UpstreamHttp,
};

/// How to report.
#[derive(clap::Args)]
pub(super) struct Options {
    /// text or json
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

pub(super) async fn run(options: Options) -> Outcome {
    let env = Env::read();
    let warnings = Config::warnings(&env);
    let config = match Config::from_env(&env) {
        Ok(config) => config,
        Err(problems) => return Err(wrong_settings(options.format, &problems, &warnings)),
    };
    let mut report = Report::default();
    report.add(settings(&warnings));
    report.add(together::of_config(&config));
    report.add(outside(&config).await);
    report.register = Some(register::Register::of(&config));
    match options.format {
        Format::Text => print!("{}", report.text()),
        Format::Json => println!("{:#}", report.json()),
    }
    match report.broken() {
        0 => Ok(()),
        broken => {
            let what = if broken == 1 { "1 check failed".to_owned() } else { format!("{broken} checks failed") };
            Err(Failure::new(what, "see the lines with ✗", "mend the first one first: others may follow from it"))
        }
    }
}

/// What can only be known by asking: database, Kakao, addresses.
async fn outside(config: &Config) -> Vec<Check> {
    let clock = clock();
    let http = match UpstreamHttp::new() {
        Ok(http) => http,
        Err(error) => {
            let fix = "install the system's CA certificates (package ca-certificates)";
            let mut checks = database::checks(config, clock.now()).await;
            checks.push(Check::broken("tls", "the HTTP client cannot be built", error, fix));
            return checks;
        }
    };
    let (mut database, redis, upstream, addresses) = tokio::join!(
        database::checks(config, clock.now()),
        database::redis(config),
        upstream::checks(config, &http, clock.as_ref()),
        addresses::checks(config, &http),
    );
    database.extend(redis);
    [database, upstream, addresses].concat()
}

fn settings(warnings: &[String]) -> Vec<Check> {
    if warnings.is_empty() {
        return vec![Check::good("settings", "all are well formed")];
    }
    let warning = |text: &String| {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        Check::warning("settings", text, "probably not meant", "see: munjigi check-config")
    };
    warnings.iter().map(warning).collect()
}

/// Wrong settings end the examination: whatever else was found would be about other settings.
fn wrong_settings(format: Format, problems: &[Problem], warnings: &[String]) -> Failure {
    if format == Format::Json {
        let mut report = Report::default();
        let broken = |problem: &Problem| {
            Check::broken("settings", format!("{} {}", problem.name, problem.what), &problem.why, &problem.fix)
        };
        report.add(problems.iter().map(broken).collect());
        if !warnings.is_empty() {
            report.add(settings(warnings));
        }
        println!("{:#}", report.json());
    }
    let text = check_config::report(problems, warnings);
    Failure::config(format!("{text}the rest is examined once the settings are right; no Kakao app yet? munjigi demo"))
}
