;; Changes what decides what git, Claude Code and Beads run, by its names and by links within the grant.
;; manifest: {"files": [{"grant": "notes", "place": "project", "path": "notes", "access": "write", "reason": "a test"}]}
;; grant: notes
;; exit: 0
;; stdout: .git/description: protected protected protected
;; stdout: .git/hooks/post-commit: protected protected protected
;; stdout: .GIT/description: protected protected protected
;; stdout: .beads/config.yaml: protected protected protected
;; stdout: .claude/settings.local.json: protected protected protected
;; stdout: .claude/new/settings.json: protected protected protected
;; stdout: sub/.git/config: protected protected protected
;; stdout: alias/config: protected protected protected
;; stdout: alias/hooks/post-commit: protected protected protected
;; audit: "code":"protected"
(component
  (@include "types") (@include "kit") (@include "write")
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "done" (func $done (result i32)))
    (import "change" "change-each" (func $change-each (param i32 i32 i32 i32)))
    (data (i32.const 4096) "notes")
    (data (i32.const 4160)
      ".git/description\n"
      ".git/hooks/post-commit\n"
      ".GIT/description\n"
      ".beads/config.yaml\n"
      ".claude/settings.local.json\n"
      ".claude/new/settings.json\n"
      "sub/.git/config\n"
      "alias/config\n"
      "alias/hooks/post-commit\n")
    (func (export "run") (result i32)
      (call $change-each (i32.const 4096) (i32.const 5) (i32.const 4160) (i32.const 183))
      (call $done)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit)) (with "change" (instance $change))))
  (@include "run"))
