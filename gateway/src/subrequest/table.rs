//! Tables in the format that clients print.

use std::fmt::Write as _;

/// Formats rows in columns, like Go's `text/tabwriter`: each cell except the last of a row is as wide as the widest of its
/// column, plus `padding`.
///
/// ```
/// use buildkit_gateway::subrequest::table;
///
/// let rows = [["NAME", "VALUE"], ["a", "1"]];
/// assert_eq!(table(rows, 3), "NAME   VALUE\na      1\n");
/// ```
pub fn table<R>(rows: impl IntoIterator<Item = R>, padding: usize) -> String
where
    R: IntoIterator,
    R::Item: Into<String>,
{
    let row = |row: R| -> Vec<String> { row.into_iter().map(Into::into).collect() };
    let rows: Vec<Vec<String>> = rows.into_iter().map(row).collect();
    laid_out(&rows, padding)
}

fn laid_out(rows: &[Vec<String>], padding: usize) -> String {
    let mut widths: Vec<usize> = Vec::new();
    for row in rows {
        // The last cell of a row isn't part of a column.
        let cells = row.split_last().map_or(&[][..], |(_, cells)| cells);
        widths.resize(widths.len().max(cells.len()), 0);
        for (width, cell) in widths.iter_mut().zip(cells) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in rows {
        if let Some((last, cells)) = row.split_last() {
            for (cell, width) in cells.iter().zip(&widths) {
                let width = width + padding;
                // Writing to a string can't fail.
                _ = write!(text, "{cell:width$}");
            }
            text.push_str(last);
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn columns_are_as_wide_as_their_letters() {
        let rows = [["ää", "1"], ["bb", "2"], ["c", "a long last cell"]];
        assert_eq!(table(rows, 1), "ää 1\nbb 2\nc  a long last cell\n");
    }
}
