//! The host as it is inside the sandbox: each call goes to the import of the same name.

use crate::bindings::conductor::plugin::{files, invocation};
use crate::{Arguments, Entry, Error, Format, Host};

/// The real host, behind the imports of this component.
#[derive(Debug)]
pub struct Sandboxed;

impl Host for Sandboxed {
    fn arguments(&self) -> Arguments {
        Arguments::from_json(&invocation::arguments())
    }

    fn presentation(&self) -> Format {
        invocation::presentation()
    }

    fn project_name(&self) -> String {
        invocation::project_name()
    }

    fn snapshot(&self, grant: &str, patterns: &[&str], max_bytes: u64) -> Result<Vec<Entry>, Error> {
        let patterns: Vec<String> = patterns.iter().map(|&pattern| pattern.to_owned()).collect();
        files::snapshot(grant, &patterns, max_bytes)
    }

    fn read(&self, grant: &str, path: &str) -> Result<Vec<u8>, Error> {
        files::read(grant, path)
    }
}
