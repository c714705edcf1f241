// The grammar of runbooks for editors. It takes a little more than the language's own (../runbook.ebnf), such as a clause
// that stands twice, so that a tree is there while somebody types; `slipway check` says what is wrong.

const list = ($, item) => seq(item, repeat(seq(',', repeat($._newline), item)));
// Between brackets, lines break anywhere; here, around the elements.
const bracketed = ($, open, item, close) => seq(
  open, repeat($._newline),
  optional(seq(
    item, repeat(seq(repeat($._newline), ',', repeat($._newline), item)), repeat($._newline),
  )),
  close,
);
const parenthesized = ($, inner) => seq('(', repeat($._newline), inner, repeat($._newline), ')');

module.exports = grammar({
  name: 'slipway',

  extras: $ => [/[ \t]/, $.comment],

  // No word is reserved: a keyword is one where the parser can take it, and else a name.
  word: $ => $.name,

  conflicts: $ => [[$.if]],

  rules: {
    runbook: $ => seq(
      repeat($._end),
      optional(seq($._item, repeat(seq(repeat1($._end), $._item)), repeat($._end))),
    ),

    _end: $ => choice($._newline, ';'),
    _newline: _ => /\r?\n/,
    comment: _ => /#[^\n]*/,

    _item: $ => choice($._declaration, $._statement),

    block: $ => seq(
      '{',
      repeat($._end),
      optional(seq($._block_item, repeat(seq(repeat1($._end), $._block_item)), repeat($._end))),
      '}',
    ),
    _block_item: $ => choice($._statement, $.given, $.expect),

    // Declarations

    _declaration: $ => choice($.title, $.input, $.import, $.procedure, $.scenario),
    title: $ => seq('runbook', $._string),
    input: $ => seq(
      'input', field('name', $._name), optional(seq($._equals, field('default', $._expression))), optional($._string),
    ),
    import: $ => seq('import', $._string),
    procedure: $ => seq(
      'procedure', field('name', $._name), bracketed($, '(', $.parameter, ')'), field('body', $.block),
    ),
    parameter: $ => seq(field('name', $._name), optional(seq($._equals, field('default', $._expression)))),
    scenario: $ => seq('scenario', $._string, field('body', $.block)),

    // Statements

    _statement: $ => choice(
      $.validate, $.promote, $.wait, $.merge, $.monitor, $.verify, $.rollback, $.reconcile, $.sync, $.restart, $.diagnose,
      $.announce, $.freeze, $.thaw, $.confirm, $.require, $.run, $.show,
      $.let, $.if, $.for, $.retry, $.within, $.call, $.on_failure, $.finally, $.stop, $.fail,
    ),

    validate: $ => seq('validate', $._scope),
    promote: $ => seq('promote', $._targets, repeat($._promote_clause)),
    _promote_clause: $ => choice(
      $.except_clause, $.from_clause, $.to_clause, $.at_clause, $.by_clause, $.without_clause, $.allowing_clause,
      $.because_clause,
    ),
    wait: $ => seq('wait', choice(
      $._value,
      seq('until', $._value),
      seq('merge', repeat($.within_clause)),
      seq(choice('sync', 'rollout'), optional($._scope), repeat($.within_clause)),
    )),
    merge: $ => seq('merge', repeat($.within_clause)),
    monitor: $ => seq('monitor', $._value, optional($._scope), repeat(choice($.every_clause, $.allowing_clause))),
    verify: $ => seq('verify', optional($._scope)),
    rollback: $ => seq('rollback', $._scope, repeat(choice(
      $.to_clause, $.by_clause, $.otherwise_clause, $.because_clause, $.even_clause,
    ))),
    reconcile: $ => seq('reconcile', $._scope, repeat($.by_clause)),
    sync: $ => seq('sync', $._scope, optional($.replacing_clause)),
    restart: $ => seq('restart', $._scope),
    diagnose: $ => seq('diagnose', $._scope),
    announce: $ => seq(
      'announce', choice($._string, 'planned', 'complete', 'rolled-back'), optional(seq('to', field('place', $._name))),
    ),
    freeze: $ => seq('freeze', field('environment', $._name), repeat(choice(
      seq('until', $._value), seq('except', $._name), $.because_clause,
    ))),
    thaw: $ => seq('thaw', field('environment', $._name), $.because_clause),
    confirm: $ => seq('confirm', choice($._string, 'checklist')),
    require: $ => seq(
      'require',
      choice(seq('window', optional($.window)), $._expression),
      optional(seq('else', $._string)),
    ),
    window: $ => seq(list($, $.day), $._value, 'to', $._value, optional($.string)),
    day: _ => choice(
      'weekdays', 'weekends', 'daily', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday',
    ),
    run: $ => seq('run', optional('shell'), $._string, repeat(choice($.within_clause, $.in_clause))),
    show: $ => seq('show', choice(
      seq(choice('status', 'versions', 'diff', 'history'), optional($._scope)),
      seq(choice('logs', 'pods'), optional($._scope), optional('follow')),
      seq('pull', 'requests'),
    )),

    // Clauses

    except_clause: $ => seq('except', $._names),
    from_clause: $ => seq('from', field('environment', $._name)),
    to_clause: $ => seq('to', choice(field('environment', $._name), $._value)),
    at_clause: $ => seq('at', $._value),
    by_clause: $ => seq('by', choice('pr', 'commit', 'undo', seq('revert', optional(seq('of', $._string))))),
    without_clause: $ => seq('without', 'validation', $.because_clause),
    allowing_clause: $ => seq('allowing', choice(
      seq(choice('downgrade', 'unstaged'), $.because_clause),
      seq($._value, choice('restarts', 'restart')),
      seq($._value, choice('errors', 'error'), 'per', $._value),
    )),
    within_clause: $ => seq('within', $._value),
    every_clause: $ => seq('every', $._value),
    otherwise_clause: _ => seq('otherwise', 'undo'),
    even_clause: _ => seq('even', 'if', 'undetermined'),
    replacing_clause: $ => seq('replacing', 'resources', $.because_clause),
    in_clause: $ => seq('in', $._string),
    because_clause: $ => seq('because', $._string),

    // Control

    let: $ => seq('let', field('name', $._name), $._equals, field('value', $._expression)),
    if: $ => seq(
      'if', field('condition', $._expression), field('body', $.block),
      repeat(seq(repeat($._newline), 'else', 'if', field('condition', $._expression), field('body', $.block))),
      optional(seq(repeat($._newline), 'else', field('otherwise', $.block))),
    ),
    for: $ => seq('for', field('name', $._name), 'in', $._scope, field('body', $.block)),
    retry: $ => seq('retry', $._value, 'times', optional($.every_clause), field('body', $.block)),
    within: $ => seq('within', $._value, field('body', $.block)),
    call: $ => seq(field('procedure', $._name), bracketed($, '(', $.argument, ')')),
    argument: $ => seq(optional(seq(field('parameter', $._name), $._equals)), $._expression),
    on_failure: $ => seq('on', 'failure', field('body', $.block)),
    finally: $ => seq('finally', field('body', $.block)),
    stop: $ => seq('stop', $._string),
    fail: $ => seq('fail', $._string),

    // Scenarios

    given: $ => seq('given', choice(
      seq('the', 'reviewer', choice(
        seq('merges', optional(seq('by', $._name))), 'closes', seq('never', 'comes'), seq('edits', $._name, 'to', $._value),
      )),
      seq('the', 'person', choice(seq('says', 'no'), seq('never', 'answers'))),
      seq('program', $._string, choice('fails', seq('never', 'ends'))),
      seq('the', 'network', 'is', 'lost', 'for', $._value),
      seq($._value, 'pushes', 'are', 'rejected'),
      seq('foreign', 'commits', 'every', $._value),
      seq('metric', $._string, 'of', $._name, 'in', $._name, choice(seq('is', $._value), seq('has', 'no', 'data'))),
      seq('alert', $._string, 'of', $._name, 'in', $._name, 'fires'),
      seq(field('environment', $._name), choice(
        seq('is', choice('locked', 'frozen'), 'for', $._value),
        seq('leads', 'to', 'another', 'cluster'),
      )),
      seq(field('environment', $._name), field('service', $._name), choice(
        'crashes',
        seq('cannot', 'be', choice('pulled', 'migrated')),
        seq('never', 'becomes', 'ready'),
        seq('answers', $._value),
        seq('does', 'not', 'answer'),
        seq('logs', $._value, choice('errors', 'error'), 'per', $._value),
        seq('moves', 'to', $._value),
        seq('syncs', 'slowly', 'by', $._value),
        seq('heals', 'itself'),
        seq('scales', 'to', $._value),
        seq('migrates', 'for', $._value),
        seq('is', choice(
          'evicted', 'drained', seq('pushed', 'again'),
          seq(choice(seq('set', 'to', $._value), seq('scaled', 'to', $._value), 'deleted'), 'by', 'hand'),
        )),
      )),
    ), optional(seq('after', $._value))),
    expect: $ => seq('expect', choice(
      seq($.ending, optional(seq('at', $.verb))),
      seq(field('service', $._name), 'in', field('environment', $._name), 'is', $._value),
      seq(optional('no'), 'pull', 'request', optional(choice('merged', 'closed', 'open'))),
      seq('announced', choice('planned', 'complete', 'rolled-back')),
      seq('exit', $._value),
      seq('within', $._value),
      'safe',
    )),
    ending: _ => choice('ok', 'suspended', 'undetermined', seq('timed', 'out'), 'refused', 'failed'),
    verb: _ => choice(
      'validate', 'promote', seq('wait', optional(choice('merge', 'sync', 'rollout', 'until'))), 'merge', 'monitor',
      'verify', 'rollback', 'reconcile', 'sync', 'restart', 'diagnose', 'announce', 'freeze', 'thaw', 'confirm',
      'require', 'run', 'show', 'stop', 'fail',
    ),

    // Environment and targets: two names that follow each other are an environment and the first target.

    _scope: $ => choice($._targets, seq(field('environment', $._name), $._targets)),
    _targets: $ => choice('all', 'promoted', $._names),
    _names: $ => prec.right(list($, $._name)),
    _name: $ => choice($.name, $.string),

    // Expressions

    _expression: $ => choice($.binary, $.not, $._operand),
    binary: $ => choice(
      ...[
        ['or', 1], ['and', 2],
        ['is', 4], [seq('is', 'not'), 4], ['<', 4], ['<=', 4], ['>', 4], ['>=', 4], ['in', 4], [seq('not', 'in'), 4],
        ['+', 5], ['-', 5],
      ].map(([operator, precedence]) => prec.left(precedence, seq(
        field('left', $._expression), field('operator', operator), repeat($._newline), field('right', $._expression),
      ))),
    ),
    not: $ => prec(3, seq('not', repeat($._newline), $._expression)),
    _operand: $ => choice(
      $._literal, $._string, $.name, $.boolean, $.list, $.parenthesized, $.environment_variable, $.fact,
    ),
    parenthesized: $ => parenthesized($, $._expression),
    list: $ => bracketed($, '[', $._expression, ']'),
    environment_variable: $ => seq('env', parenthesized($, $._string)),
    boolean: _ => choice('true', 'false'),
    fact: $ => prec.right(seq(
      choice(
        'version', seq('previous', 'version'), 'health', 'sync', 'image', 'ready', 'replicas', 'restarts', 'errors', 'age',
        seq('metric', $._string),
      ),
      'of', field('service', choice($._name, $.parenthesized)),
      'in', field('environment', $._name),
      optional(seq(choice('since', 'over'), choice($._literal, $._name, $.parenthesized))),
    )),

    // Where a clause takes a value: a literal, or any expression in parentheses.
    _value: $ => choice($._literal, $.parenthesized),
    _literal: $ => choice(
      $.duration, $.version, $.integer, $.decimal, $.percentage, $.time, $.date_time,
    ),
    _equals: $ => seq('=', repeat($._newline)),

    // Tokens: of those that are equally long the first is taken, so names are last.

    duration: _ => /(\d{1,9}d)?(\d{1,9}h)?(\d{1,9}m)?(\d{1,9}s)?\d{1,9}ms|(\d{1,9}d)?(\d{1,9}h)?(\d{1,9}m)?\d{1,9}s|(\d{1,9}d)?(\d{1,9}h)?\d{1,9}m|(\d{1,9}d)?\d{1,9}h|\d{1,9}d/,
    version: _ => /v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?/,
    integer: _ => /\d+/,
    decimal: _ => /\d+\.\d+/,
    percentage: _ => /\d+(\.\d+)?%/,
    time: _ => /\d\d:\d\d/,
    date_time: _ => /\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)/,
    name: _ => /[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*/,

    _string: $ => choice($.string, $.block_string),
    string: $ => seq(
      '"',
      repeat(choice($.escape, $.interpolation, alias($._string_text, $.text))),
      token.immediate('"'),
    ),
    block_string: $ => seq(
      '"""',
      repeat(choice($.escape, $.interpolation, alias($._block_text, $.text), alias($._block_quote, $.text))),
      token.immediate('"""'),
    ),
    _string_text: _ => token.immediate(prec(1, /[^"\\{}\n]+/)),
    _block_text: _ => token.immediate(prec(1, /[^"\\{}]+/)),
    _block_quote: _ => token.immediate(/"|""/),
    escape: _ => token.immediate(/\\(n|t|"|\\|u\{[0-9A-Fa-f]{1,8}\})|\{\{|\}\}/),
    interpolation: $ => seq(token.immediate('{'), $._expression, '}'),
  },
});
