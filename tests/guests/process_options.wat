;; Gives holes of every kind values that are options, files to read, or ways out: none becomes an argument that means more.
;; manifest: {"programs": {"show": {"reason": "a test"}}, "commands": {"id": {"argv": ["show", "it", "<v:id>"], "cwd": "project", "effect": "read", "reason": "a test"}, "int": {"argv": ["show", "it", "<v:int>"], "cwd": "project", "effect": "read", "reason": "a test"}, "sha": {"argv": ["show", "it", "<v:sha>"], "cwd": "project", "effect": "read", "reason": "a test"}, "ref": {"argv": ["show", "it", "<v:ref>"], "cwd": "project", "effect": "read", "reason": "a test"}, "option": {"argv": ["show", "it", "--title=<v:text>"], "cwd": "project", "effect": "read", "reason": "a test"}, "free": {"argv": ["show", "it", "--", "<v:text>"], "cwd": "project", "effect": "read", "reason": "a test"}, "words": {"argv": ["show", "it", "--kind=<v:one of task|bug>"], "cwd": "project", "effect": "read", "reason": "a test"}, "list": {"argv": ["show", "it", "<v\u2026:id>"], "cwd": "project", "effect": "read", "reason": "a test"}, "texts": {"argv": ["show", "it", "--", "<v\u2026:text>"], "cwd": "project", "effect": "read", "reason": "a test"}, "maybe": {"argv": ["show", "it", ["--id=<v:id>"]], "cwd": "project", "effect": "read", "reason": "a test"}, "place": {"argv": ["show", "it", "<v:path in project>"], "cwd": "project", "effect": "read", "reason": "a test"}, "file": {"argv": ["show", "it", "--file=<v:tempfile>"], "cwd": "project", "effect": "read", "reason": "a test"}}}
;; grant: id
;; grant: int
;; grant: sha
;; grant: ref
;; grant: option
;; grant: free
;; grant: words
;; grant: list
;; grant: texts
;; grant: maybe
;; grant: place
;; grant: file
;; exit: 0
;; stdout: id: -x: invalid-value
;; stdout: list: -x: invalid-value
;; stdout: free: --force: invalid-value
;; stdout: texts: -x: invalid-value
;; stdout: words: --force: invalid-value
;; stdout: place: ../outside: invalid-value
;; stdout: place: /etc/passwd: invalid-value
;; stdout: option: @/etc/passwd: invalid-value
;; stdout: int: -5: invalid-value
;; stdout: option: --force: exit 0: [it][--title=--force]
;; stdout: option: $(id): exit 0: [it][--title=$(id)]
;; stdout: free: ; id: exit 0: [it][--][; id]
;; stdout: maybe: --force: invalid-value
;; stdout: file: @/etc/passwd: exit 0: [it][--file=/
;; never: [-x]
;; never: [--force]
;; never: [-]
;; never: [@
;; never: [--title=x]
;; never: [--title=@
;; never: uid=
;; never: [it][/etc
;; seconds: 60
(component
  (@include "types") (@include "kit") (@include "process")
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "say" (func $say (param i32 i32)))
    (import "kit" "say-number" (func $say-number (param i64)))
    (import "kit" "done" (func $done (result i32)))
    (import "kit" "failed" (func $failed (param i32 i32 i32 i32) (result i32)))
    (import "process" "start" (func $start-raw (param i32 i32 i32 i32 i32 i32 i32 i32)))
    (import "process" "wait" (func $wait (param i32 i32)))
    (import "process" "kill" (func $kill (param i32)))
    (import "process" "drop-running" (func $drop-running (param i32)))
    (import "run" "start" (func $start (param i32 i32) (result i32)))
    (import "run" "start-with" (func $start-with (param i32 i32 i32 i32 i32 i32) (result i32)))
    (import "run" "end" (func $end (param i32 i32)))
    (import "run" "run" (func $run (param i32 i32)))
    (import "run" "run-each" (func $run-each (param i32 i32 i32 i32)))
    (data (i32.const 4096) "id\0aint\0asha\0aref\0aoption\0afree\0awords\0alist\0atexts\0amaybe\0aplace\0afile\0a")
    (data (i32.const 8192) "-x\0a--force\0a--title=x\0a-\0a@/etc/passwd\0a\0aa\00b\0a\3b id\0a$(id)\0a../outside\0a/etc/passwd\0a--\0a-5\0a\e2\80\aea\0a")

    (func (export "run") (result i32)
      (call $run-each (i32.const 4096) (i32.const 61) (i32.const 8192) (i32.const 86))
      (call $done)))
  (core instance $guest (instantiate $module
    (with "kit" (instance $kit)) (with "process" (instance $process-core)) (with "run" (instance $run-core))))
  (@include "run"))
