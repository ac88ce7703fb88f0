;; Changes files through every kind of link out of its grant, and by paths that climb.
;; manifest: {"files": [{"grant": "notes", "place": "project", "path": "notes", "access": "write", "reason": "a test"}]}
;; grant: notes
;; exit: 0
;; stdout: up/new.md: outside outside outside
;; stdout: up/beside.md: outside outside outside
;; stdout: out/secret.md: outside outside outside
;; stdout: out/new/er.md: outside outside outside
;; stdout: out.md: not-a-file not-a-file not-a-file
;; stdout: absolute.md: not-a-file not-a-file not-a-file
;; stdout: beside.md: not-a-file not-a-file not-a-file
;; stdout: dangling.md: not-a-file not-a-file not-a-file
;; stdout: ../beside.md: invalid-path invalid-path invalid-path
;; stdout: ../../outside/secret.md: invalid-path invalid-path invalid-path
;; stdout: /etc/passwd: invalid-path invalid-path invalid-path
;; stdout: sub/../../beside.md: invalid-path invalid-path invalid-path
;; stdout: process/comm: outside outside outside
;; audit: "code":"outside"
(component
  (@include "types") (@include "kit") (@include "write")
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "done" (func $done (result i32)))
    (import "change" "change-each" (func $change-each (param i32 i32 i32 i32)))
    (data (i32.const 4096) "notes")
    (data (i32.const 4160)
      "up/new.md\n"
      "up/beside.md\n"
      "out/secret.md\n"
      "out/new/er.md\n"
      "out.md\n"
      "absolute.md\n"
      "beside.md\n"
      "dangling.md\n"
      "../beside.md\n"
      "../../outside/secret.md\n"
      "/etc/passwd\n"
      "sub/../../beside.md\n"
      "process/comm\n")
    (func (export "run") (result i32)
      (call $change-each (i32.const 4096) (i32.const 5) (i32.const 4160) (i32.const 174))
      (call $done)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit)) (with "change" (instance $change))))
  (@include "run"))
