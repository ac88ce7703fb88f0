;; Gives paths that lead out of the project, by `..`, by links, and into what is never written.
;; manifest: {"programs": {"cat": {"reason": "a test"}, "show": {"reason": "a test"}}, "commands": {"read": {"argv": ["cat", "--", "<v:path in project>"], "cwd": "project", "effect": "read", "reason": "a test"}, "write": {"argv": ["show", "conductor", "<v:path in project>"], "cwd": "project", "effect": "write", "reason": "a test"}}}
;; grant: read
;; grant: write
;; exit: 0
;; stdout: read: conductor/out.md: outside
;; stdout: read: conductor/out/secret.md: outside
;; stdout: read: conductor/absolute.md: outside
;; stdout: read: conductor/process/environ: outside
;; stdout: read: linked/secret.md: outside
;; stdout: write: linked/new.md: outside
;; stdout: read: ../beside.md: invalid-value
;; stdout: read: tracks/../../beside.md: invalid-value
;; stdout: read: /etc/passwd: invalid-value
;; stdout: write: .git/config: protected
;; stdout: write: hooks/new: protected
;; stdout: write: .claude/settings.json: protected
;; stdout: write: .beads/hooks/on_create: protected
;; stdout: read: conductor/tracks.md: exit 0: # Tracks
;; stdout: read: conductor/good.md: exit 0: # Plan
;; stdout: write: conductor/new.md: exit 0: [conductor][/
;; never: root:
;; never: /outside/secret.md]
;; never: /outside/new.md]
;; never: /beside.md]
;; never: PATH=
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
    (data (i32.const 4096) "read\0awrite\0a")
    (data (i32.const 8192) "../beside.md\0a/etc/passwd\0atracks/../../beside.md\0aconductor/out.md\0aconductor/out/secret.md\0aconductor/up/up/outside\0aconductor/absolute.md\0aconductor/process/environ\0aconductor/process/root/etc/passwd\0aconductor/loop.md\0alinked/secret.md\0alinked/new.md\0aconductor/dangling.md\0a.git/config\0aconductor/.git/config\0a.claude/settings.json\0a.beads/hooks/on_create\0aconductor/tracks.md\0aconductor/good.md\0aconductor/new.md\0ahooks/new\0a")

    (func (export "run") (result i32)
      (call $run-each (i32.const 4096) (i32.const 11) (i32.const 8192) (i32.const 410))
      (call $done)))
  (core instance $guest (instantiate $module
    (with "kit" (instance $kit)) (with "process" (instance $process-core)) (with "run" (instance $run-core))))
  (@include "run"))
