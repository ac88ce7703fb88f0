//! Asking once whether the Gas Town around a project is used.

use crate::args::Form;
use crate::ask::Person;
use crate::consent::{self, Scope};
use crate::error::Result;
use crate::place::Places;
use crate::render::Render;

/// Asks where there is such a town and a person; otherwise it is not used, and who needs it is told why.
pub(super) fn confirm(render: &Render, form: Form, places: &mut Places) -> Result<()> {
    let Some(town) = places.unconfirmed_town().map(ToOwned::to_owned) else {
        return Ok(());
    };
    if form != Form::Terminal {
        return Ok(());
    }
    let Ok(person) = Person::find("which Gas Town is used", "conductor") else {
        return Ok(());
    };
    let question = format!(
        "This project lies in `{}`. Is that your Gas Town, to be used for it?",
        town.display()
    );
    let agreed = person.agrees(render, &question);
    consent::keep(&town, Scope::Town, agreed)?;
    if agreed {
        places.confirm_town();
    }
    Ok(())
}
