; Names of scopes as editors know them: https://tree-sitter.github.io/tree-sitter/syntax-highlighting

(comment) @comment
[(string) (block_string)] @string
(escape) @string.escape
(interpolation ["{" "}"] @punctuation.special)
[(duration) (version) (integer) (decimal) (percentage) (time) (date_time)] @number
(boolean) @boolean
(name) @variable
(procedure name: (name) @function)
(call procedure: (name) @function.call)
(parameter name: (name) @variable.parameter)
(argument parameter: (name) @variable.parameter)
(let name: (name) @variable)
(input name: (name) @variable.parameter)
(for name: (name) @variable)
(ending) @constant
(day) @constant
(verb) @constant

["runbook" "input" "import" "procedure" "scenario" "given" "expect"] @keyword.directive

["let" "if" "else" "for" "retry" "times" "within" "on" "failure" "finally" "stop" "fail"] @keyword.control

[
  "validate" "promote" "wait" "merge" "monitor" "verify" "rollback" "reconcile" "sync" "restart" "diagnose" "announce"
  "freeze" "thaw" "confirm" "require" "run" "show"
] @keyword.function

[
  "after" "allowing" "at" "because" "by" "downgrade" "even" "every" "except" "follow" "from" "otherwise" "per"
  "replacing" "resources" "shell" "to" "undetermined" "undo" "unstaged" "until" "validation" "without"
] @keyword

["and" "or" "not" "is" "in"] @keyword.operator

["all" "promoted"] @constant.builtin

[
  "weekdays" "weekends" "daily" "monday" "tuesday" "wednesday" "thursday" "friday" "saturday" "sunday" "ok" "suspended"
  "timed" "out" "refused" "failed" "true" "false"
] @constant.builtin

[
  "version" "previous" "health" "image" "ready" "replicas" "restarts" "errors" "error" "age" "metric" "of" "since" "over"
  "env"
] @function.builtin

[
  "checklist" "commit" "complete" "diff" "history" "logs" "planned" "pods" "pr" "pull" "request" "requests" "revert"
  "rolled-back" "rollout" "status" "versions" "window"
] @type

[
  "again" "alert" "announced" "another" "answer" "answers" "are" "be" "becomes" "cannot" "closed" "closes" "cluster"
  "comes" "commits" "crashes" "data" "deleted" "does" "drained" "edits" "ends" "evicted" "exit" "fails" "fires"
  "foreign" "frozen" "hand" "has" "heals" "itself" "leads" "locked" "lost" "merged" "merges" "migrated" "migrates"
  "moves" "network" "never" "no" "open" "person" "program" "pulled" "pushed" "pushes" "rejected" "reviewer" "safe"
  "says" "scaled" "scales" "set" "slowly" "syncs" "the"
] @keyword.directive

["=" "<" "<=" ">" ">=" "+" "-"] @operator
["," ";"] @punctuation.delimiter
["(" ")" "[" "]" "{" "}"] @punctuation.bracket
