import { lintRows } from './rows.ts';

const ALL = 'id: all, path: /**, require: password';
const ADMIN = 'id: admin, path: /admin/**, require: mfa';
const EVERYONE = { policies: 'floors: [{id: everyone, require: password}]' };
const FLOOR = (rest: string) => ({ policies: `floors: [{id: f, ${rest}}]` });

lintRows('shadowed', {
  severity: 'error',
  found: [
    ['a rule below one for every path', [ALL, ADMIN]],
    ['below one of the same path, whatever it says', ['id: a, path: /x, deny: true', 'id: b, path: /x, deny: true']],
    [
      'every path of it lies in some of the other',
      ['id: a, path: [/a/**, /b/**], require: password', 'id: b, path: [/a/x, /b], require: mfa'],
    ],
    [
      'below one about more methods',
      ['id: a, path: /x, methods: write, require: password', 'id: b, path: /x, methods: [POST, PUT], require: mfa'],
    ],
    ['with a condition of its own', [ALL, 'id: b, path: /b, when: \'client.user_agent == "x"\', require: mfa']],
    [
      'a glob below a wider one',
      ['id: a, path: "/f/*.pdf", require: password', 'id: b, path: "/f/report-*.pdf", require: mfa'],
    ],
    ['only reported, but never there', [ALL, 'id: b, path: /b, require: mfa, mode: report']],
  ],
  silent: [
    ['the narrower one stands above', [ADMIN, ALL]],
    ['the one above has a condition', ['id: a, path: /**, when: \'now.getHours("UTC") < 6\', require: mfa', ALL]],
    [
      'the one above looks at a parameter',
      ['id: a, path: /x, param: {a: b}, require: mfa', 'id: b, path: /x, require: password'],
    ],
    [
      'the one above is about fewer methods',
      ['id: a, path: /x, methods: read, require: password', 'id: b, path: /x, require: mfa'],
    ],
    [
      'the one above is public, which is for reading',
      ['id: a, path: /x, public: true', 'id: b, path: /x, require: mfa'],
    ],
    ['the one above is off', [`${ALL}, mode: off`, ADMIN]],
    ['the one above is only reported', [`${ALL}, mode: report`, ADMIN]],
    ['a part of its paths is left', ['id: a, path: /a/**, require: password', 'id: b, path: [/a/x, /b], require: mfa']],
    [
      'two above take it together',
      [
        'id: a, path: /x, methods: read, require: mfa',
        'id: b, path: /x, methods: write, require: mfa',
        'id: c, path: /x, require: mfa',
      ],
    ],
  ],
});

lintRows('shadowed-by-weaker', {
  found: [
    ['a weaker rule reaches in from outside', ['id: a, path: /*/export, require: password', ADMIN]],
    ['a wide one about fewer methods', ['id: a, path: /**, methods: read, require: password', ADMIN]],
    ['a wide one with a condition', ['id: a, path: /**, when: \'client.user_agent == "x"\', require: password', ADMIN]],
    [
      'an older proof will do there',
      ['id: a, path: /*/x, require: mfa, max_age: 10m', 'id: b, path: /b/**, require: mfa, max_age: 5m'],
    ],
    [
      'what was for some is for all there',
      ['id: a, path: /*/x, require: mfa', 'id: b, path: /b/**, only: \'user.name == "B"\', require: mfa'],
    ],
    ['a public one reaches into what is closed', ['id: a, path: /*/x, public: true', 'id: b, path: /b/**, deny: true']],
  ],
  silent: [
    ['an exception, which is narrower', ['id: help, path: /admin/help, public: true', ADMIN]],
    [
      'an exception of the same path for some methods',
      ['id: a, path: /x, methods: read, require: password', 'id: b, path: /x, require: mfa'],
    ],
    ['the one above asks for more', ['id: a, path: /*/export, require: passkey', ADMIN]],
    [
      'the one above asks for what the app asks for anyway',
      ['id: a, path: /*/export, require: password', 'id: b, path: /admin/**, require: password'],
    ],
    [
      'they have no method in common',
      ['id: a, path: /*/x, methods: read, require: password', 'id: b, path: /b/**, methods: write, require: mfa'],
    ],
    ['they have no path in common', ['id: a, path: /a/*, require: password', ADMIN]],
    ['the one above is off', ['id: a, path: /*/export, require: password, mode: off', ADMIN]],
  ],
});

lintRows('method-gap', {
  found: [
    ['POST alone', ['id: a, path: /t/**, methods: POST, require: mfa']],
    ['all but PATCH', ['id: a, path: /t/**, methods: [POST, PUT, DELETE], require: mfa']],
    ['reading alone, where writing takes less', ['id: a, path: /t/**, methods: read, require: mfa']],
    [
      'the others are public',
      ['id: a, path: /t, methods: POST, require: mfa', 'id: b, path: /t, methods: [GET, PUT], public: true'],
    ],
    [
      'with a floor over other paths',
      ['id: a, path: /t, methods: POST, require: mfa'],
      FLOOR('path: /u, require: mfa'),
    ],
  ],
  silent: [
    ['write', ['id: a, path: /t/**, methods: write, require: mfa']],
    ['every method', ['id: a, path: /t/**, require: mfa']],
    [
      'a rule below takes the others',
      ['id: a, path: /t, methods: POST, require: mfa', 'id: b, path: /t, methods: write, deny: true'],
    ],
    [
      'a rule above takes the others',
      ['id: b, path: /t, methods: [PUT, PATCH, DELETE], require: mfa', 'id: a, path: /t, methods: POST, require: mfa'],
    ],
    [
      'a floor lies over the others',
      ['id: a, path: /t, methods: POST, require: mfa'],
      FLOOR('path: /t, methods: write, require: mfa'),
    ],
    ['the app asks for as much', ['id: a, path: /t, methods: POST, require: mfa'], { app: 'require: mfa' }],
    ['a method that is refused', ['id: a, path: /t, methods: DELETE, deny: true']],
    ['one that is neither reading nor writing', ['id: a, path: /t, methods: OPTIONS, require: mfa']],
  ],
});

lintRows('when-as-permission', {
  found: [
    [
      'a group needs more, and everybody else less',
      ['id: a, path: /hr/**, when: \'"hr" in user.groups\', require: mfa'],
    ],
    [
      'by way of a named condition',
      ['id: a, path: /hr/**, when: hr, require: mfa'],
      { policies: 'conditions: {hr: \'"hr" in user.groups\'}' },
    ],
    [
      'and everybody else nothing',
      ['id: a, path: /hr/**, when: \'"hr" in user.groups\', require: mfa', 'id: b, path: /hr/**, public: true'],
    ],
  ],
  silent: [
    ['only', ['id: a, path: /hr/**, only: \'"hr" in user.groups\', require: mfa']],
    [
      'whoever is not of a group needs more',
      ['id: a, path: /hr/**, when: \'!("staff" in user.groups)\', require: mfa'],
    ],
    ['about the time, not the person', ['id: a, path: /hr/**, when: \'now.getHours("UTC") < 6\', require: mfa']],
    [
      'others are refused below',
      ['id: a, path: /hr/**, when: \'"hr" in user.groups\', require: mfa', 'id: b, path: /hr/**, deny: true'],
    ],
    [
      'others need more below',
      ['id: a, path: /hr/**, when: \'"hr" in user.groups\', require: mfa', 'id: b, path: /hr/**, require: passkey'],
    ],
    [
      'another condition looks after the others',
      [
        'id: a, path: /hr/**, when: \'"hr" in user.groups\', require: mfa',
        'id: b, path: /hr/**, when: \'!("hr" in user.groups)\', deny: true',
      ],
    ],
    [
      'a floor asks everybody for as much',
      ['id: a, path: /hr/**, when: \'"hr" in user.groups\', require: mfa'],
      FLOOR('require: mfa'),
    ],
  ],
});

lintRows('query-or-form', {
  found: [
    ['about every method', ['id: a, path: /r/*, query: {action: delete}, require: mfa']],
    ['about writing, refused', ['id: a, path: /r/*, methods: write, query: {action: delete}, deny: true']],
    ['in a floor', [], FLOOR('query: {action: delete}, require: mfa')],
  ],
  silent: [
    ['param', ['id: a, path: /r/*, param: {action: delete}, require: mfa']],
    [
      'about reading',
      ['id: a, path: /r/*, methods: read, query: {action: list}, require: mfa', 'id: b, path: /r/*, require: mfa'],
    ],
    [
      'without the parameter it takes as much',
      ['id: a, path: /r/*, query: {action: list}, require: mfa', 'id: b, path: /r/*, require: passkey'],
    ],
    [
      'a public rule, which is not weaker without it',
      ['id: a, path: /r/*, methods: [GET, POST], query: {page: help}, public: true'],
    ],
    ['a floor about reading', [], FLOOR('methods: read, query: {a: b}, require: mfa')],
  ],
});

lintRows('twin-path', {
  found: [
    ['upper and lower case', ['id: a, path: /Admin/**, require: mfa', 'id: b, path: /admin/**, require: password']],
    [
      'a folder and what is in its twin',
      ['id: a, path: /Admin, require: mfa', 'id: b, path: /admin/**, require: password'],
    ],
    ['a trailing dot', ['id: a, path: "/x.", require: mfa', 'id: b, path: /x, require: password']],
    [
      'letters that are the same in another form',
      ['id: a, path: "/\uFF41dmin", require: mfa', 'id: b, path: /admin, require: password'],
    ],
    ['- and _', ['id: a, path: /bank-account, require: mfa', 'id: b, path: /bank_account, require: password']],
  ],
  silent: [
    ['both in one rule', ['id: a, path: [/Admin/**, /admin/**], require: mfa']],
    [
      'two rules that ask for the same',
      ['id: a, path: /Admin/**, require: mfa', 'id: b, path: /admin/**, require: mfa'],
    ],
    ['a word and its plural', ['id: a, path: /api/**, require: mfa', 'id: b, path: /apis/**, require: password']],
    [
      'the same path, with methods',
      ['id: a, path: /x, methods: read, require: password', 'id: b, path: /x, methods: write, require: mfa'],
    ],
    [
      'twins about different methods',
      ['id: a, path: /X, methods: read, require: password', 'id: b, path: /x, methods: write, require: mfa'],
    ],
    ['a page and its file', ['id: a, path: /login, require: mfa', 'id: b, path: /login.php, require: password']],
  ],
});

lintRows('public-by-extension', {
  found: [
    ['everywhere', ['id: a, path: "/**/*.css", public: true']],
    [
      'in a folder that a rule protects a part of',
      ['id: a, path: "/app/**/*.js", public: true', 'id: b, path: /app/admin/**, require: mfa'],
    ],
    ['one of several paths', ['id: a, path: [/static/**, "/*/*.png"], public: true']],
    ['with a name before the end', ['id: a, path: "/**/app*.js", public: known']],
  ],
  silent: [
    ['folders by name', ['id: a, path: /static/**, public: true']],
    ['in a folder by name', ['id: a, path: "/static/*.css", public: true']],
    ['in a tree that nothing else is about', ['id: a, path: "/static/**/*.css", public: true']],
    ['a rule that asks for something', ['id: a, path: "/**/*.css", require: mfa']],
    ['one file everywhere', ['id: a, path: /**/robots, public: true']],
  ],
});

lintRows('public-under-floor', {
  severity: 'error',
  found: [
    ['under a floor over everything', ['id: a, path: /s/**, public: true'], EVERYONE],
    [
      'under one over wider paths',
      ['id: a, path: /s/x, public: true'],
      FLOOR('path: /s/**, methods: read, require: mfa'),
    ],
    ['under one that denies', ['id: a, path: /s/x, public: true'], FLOOR('deny: true')],
    [
      'whose exceptions are about other methods',
      ['id: a, path: /s/x, public: true'],
      FLOOR('require: mfa, except: [{path: /s/**, methods: write}]'),
    ],
  ],
  silent: [
    [
      'the floor makes an exception',
      ['id: a, path: /s/x, public: true'],
      FLOOR('require: mfa, except: [{app: wiki, path: /s/**, methods: read}]'),
    ],
    ['the floor is about writing', ['id: a, path: /s/x, public: true'], FLOOR('methods: write, require: mfa')],
    ['the floor is over other paths', ['id: a, path: /s/x, public: true'], FLOOR('path: /t/**, require: mfa')],
    ['the floor is over a part of its paths', ['id: a, path: /**, public: true'], FLOOR('path: /t/**, require: mfa')],
    ['the floor is off', ['id: a, path: /s/x, public: true'], FLOOR('require: mfa, mode: off')],
    ['the floor is only reported', ['id: a, path: /s/x, public: true'], FLOOR('require: mfa, mode: report')],
    ['the rule is off', ['id: a, path: /s/x, public: true, mode: off'], EVERYONE],
  ],
});

const NIGHT = 'when: \'now.getHours("UTC") < 6\'';
lintRows('public-under-floor', {
  found: [
    [
      'now and then, under a floor with a condition',
      ['id: a, path: /s/x, public: true'],
      FLOOR(`${NIGHT}, require: mfa`),
    ],
    [
      'over a part of its paths, with a condition',
      ['id: a, path: /**, public: true'],
      FLOOR(`path: /t/**, ${NIGHT}, require: mfa`),
    ],
    [
      'one of its two paths under a floor without',
      ['id: a, path: [/s/x, /t/x], public: true'],
      FLOOR('path: /t/**, require: mfa'),
    ],
    ['for a parameter', ['id: a, path: /s/x, public: true'], FLOOR('query: {a: b}, methods: read, require: mfa')],
  ],
  silent: [
    [
      'with an exception',
      ['id: a, path: /s/x, public: true'],
      FLOOR(`${NIGHT}, require: mfa, except: [{path: /s/**}]`),
    ],
    ['about other methods', ['id: a, path: /s/x, public: true'], FLOOR(`${NIGHT}, methods: write, require: mfa`)],
  ],
});
