//! Embeds that a script puts in after the page was served.
