# The difference of two coverage reports as Markdown. $before and $after are lists of one report.

# Rounded down, so that 100 % means that nothing is missing.
def percent: "\(. * 1000 | floor | . / 10) %";
def shares: .coverage | with_entries(select(.value | type == "object" and has("ratio")));
def share: if . == null then "" else "\(.ratio | percent) (\(.found) of \(.total))" end;
def missing: [.missing[].token];
# Tokens come from files: in an indented block of JSON strings they are neither markup nor mentions.
def listed($heading): select(length > 0)
  | "", "\($heading) (\(length)):", "", (.[:20][] | "    " + @json);

$before[0] as $old | $after[0] as $new
| ($old | shares) as $had | ($new | shares) as $has
| "### \($title)", "",
  "| | before | after |", "|---|---|---|",
  (($had + $has) | keys_unsorted[] | "| \(.) | \($had[.] | share) | \($has[.] | share) |"),
  (($new | missing) - ($old | missing) | listed("Missing now, and not before")),
  (($old | missing) - ($new | missing) | listed("No longer missing"))
