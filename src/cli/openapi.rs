//! `munjigi openapi`: the document that is committed under `openapi/`.

use crate::http::{self, openapi};

/// How to print it.
#[derive(clap::Args)]
pub(super) struct Options {
    /// json or yaml
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    Json,
    Yaml,
}

#[expect(clippy::needless_pass_by_value, reason = "every command takes its options the same way")]
pub(super) fn run(options: Options) {
    let document = http::document();
    match options.format {
        Format::Json => print!("{}", openapi::json_text(&document)),
        Format::Yaml => print!("{}", openapi::yaml_text(&document)),
    }
}
