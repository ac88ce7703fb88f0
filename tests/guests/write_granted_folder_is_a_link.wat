;; The granted folders themselves are links: out of the project, to `.git`, to `.claude`.
;; manifest: {"files": [{"grant": "linked", "place": "project", "path": "linked", "access": "write", "reason": "a test"}, {"grant": "hooks", "place": "project", "path": "hooks", "access": "write", "reason": "a test"}, {"grant": "settings", "place": "project", "path": "settings", "access": "write", "reason": "a test"}]}
;; grant: linked
;; grant: hooks
;; grant: settings
;; exit: 0
;; stdout: secret.md: outside outside outside
;; stdout: new.md: outside outside outside
;; stdout: description: protected protected protected
;; stdout: hooks/post-commit: protected protected protected
;; stdout: other.json: protected protected protected
;; stdout: settings.local.json: protected protected protected
;; audit: "code":"outside"
(component
  (@include "types") (@include "kit") (@include "write")
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "done" (func $done (result i32)))
    (import "change" "change-each" (func $change-each (param i32 i32 i32 i32)))
    (data (i32.const 4096) "linked")
    (data (i32.const 4160)
      "secret.md\n"
      "new.md\n")
    (data (i32.const 5120) "hooks")
    (data (i32.const 5184)
      "description\n"
      "hooks/post-commit\n")
    (data (i32.const 6144) "settings")
    (data (i32.const 6208)
      "other.json\n"
      "settings.local.json\n")
    (func (export "run") (result i32)
      (call $change-each (i32.const 4096) (i32.const 6) (i32.const 4160) (i32.const 17))
      (call $change-each (i32.const 5120) (i32.const 5) (i32.const 5184) (i32.const 30))
      (call $change-each (i32.const 6144) (i32.const 8) (i32.const 6208) (i32.const 31))
      (call $done)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit)) (with "change" (instance $change))))
  (@include "run"))
