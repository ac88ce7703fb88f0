;; Changes a file that has another name outside, and a FIFO: the one is replaced, not written to, and nothing is waited for.
;; manifest: {"files": [{"grant": "notes", "place": "project", "path": "notes", "access": "write", "reason": "a test"}]}
;; grant: notes
;; exit: 0
;; stdout: hard.md: exists written changed
;; stdout: pipe: exists not-a-file not-a-file
(component
  (@include "types") (@include "kit") (@include "write")
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "done" (func $done (result i32)))
    (import "change" "change-each" (func $change-each (param i32 i32 i32 i32)))
    (data (i32.const 4096) "notes")
    (data (i32.const 4160)
      "hard.md\n"
      "pipe\n")
    (func (export "run") (result i32)
      (call $change-each (i32.const 4096) (i32.const 5) (i32.const 4160) (i32.const 13))
      (call $done)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit)) (with "change" (instance $change))))
  (@include "run"))
