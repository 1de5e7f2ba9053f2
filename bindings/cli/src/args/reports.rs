//! What a report is asked about.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use samla_core::register::Report;
use samla_core::{Date, Id, tables};

#[derive(Debug, Args)]
pub(crate) struct AskReport {
    /// Which report; without one, the list of them.
    #[arg(value_name = "NAME", value_parser = report(), hide_possible_values = true)]
    pub(crate) report: Option<Report>,
    /// First day of the period [default: the first day of this year].
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<Date>,
    /// Last day of the period [default: today].
    #[arg(long, value_name = "DATE")]
    pub(crate) until: Option<Date>,
    /// First day of the period to compare with [default: the same days a year earlier].
    #[arg(long, value_name = "DATE")]
    pub(crate) compare_from: Option<Date>,
    /// Last day of the period to compare with.
    #[arg(long, value_name = "DATE")]
    pub(crate) compare_until: Option<Date>,
    /// Only this workplace, with its sub-sites.
    #[arg(long, value_name = "ID")]
    pub(crate) workplace: Option<Id<tables::Workplace>>,
    /// Only what belongs to this campaign.
    #[arg(long, value_name = "ID")]
    pub(crate) campaign: Option<Id<tables::Campaign>>,
    /// To be shown outside: groups of fewer than five people are left out, and so are names.
    #[arg(long)]
    pub(crate) shared: bool,
}

fn report() -> impl TypedValueParser<Value = Report> {
    let find = |word: String| Report::ALL.iter().copied().find(|report| report.word() == word).ok_or("no such report");
    PossibleValuesParser::new(Report::ALL.iter().map(|report| report.word())).try_map(find)
}
