//! Writes every page with sample values to `target/preview/`, to be looked at in a browser:
//! `cargo run -p valetkey-pages --example preview`, then open `target/preview/login.html`.

use std::error::Error;
use std::path::Path;

use valetkey_pages::assets::Asset;
use valetkey_pages::templates::Templates;

#[path = "../tests/samples/mod.rs"]
mod samples;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/preview");
    std::fs::create_dir_all(&folder)?;
    let templates = Templates::new(None)?;
    for name in ["valetkey.css", "favicon.svg"] {
        let asset = Asset::find(name).ok_or("an asset is missing")?;
        std::fs::write(folder.join(name), asset.bytes)?;
    }
    for sample in samples::all(&samples::Names::ordinary()) {
        for language in ["en", "de"] {
            let mut page = templates.render(sample.template, language, &sample.context)?;
            for name in ["valetkey.css", "favicon.svg"] {
                page = page.replace(&Asset::url(name).ok_or("an asset is missing")?, name);
            }
            let suffix = if language == "en" { "" } else { "-de" };
            std::fs::write(folder.join(format!("{}{suffix}.html", sample.file)), page)?;
        }
    }
    Ok(())
}
