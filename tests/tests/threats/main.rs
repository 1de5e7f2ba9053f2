//! Who might attack, what they would get, and that they do not: each file is one row of the table of threats.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops where something is wrong, and tells what it saw"
)]

mod apart;
mod club;
mod t01_server_thief;
mod t02_server_alters;
mod t03_server_splits_views;
mod t04_server_withholds;
mod t05_server_rolls_back;
mod t06_server_injects_members;
mod t07_wrap_left_out;
mod t08_removed_device;
mod t09_link_thief;
mod t10_forged_author;
mod t11_hostile_changes;
mod t12_crash_marker;
mod t13_mass_removal;
mod t14_reader_writes;
mod t15_hostile_organiser;
mod t16_phone_thief;
mod t17_copied_phone;
mod t18_erased_person_stays_away;
mod t19_backup_and_seized_phone;
mod t20_two_epochs_and_crashes;
mod t21_login_relay;
mod t22_sizes;
mod t24_downgrade;
