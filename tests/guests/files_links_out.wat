;; Follows every kind of link out of its grant, and a good one inside it.
;; grant: conductor
;; exit: 0
;; stdout: good.md: 7 bytes
;; stdout: up/beside.md: outside
;; stdout: out/secret.md: outside
;; stdout: out.md: outside
;; stdout: absolute.md: outside
;; stdout: beside.md: outside
;; stdout: process/environ: outside
;; stdout: again/up/beside.md: outside
;; stdout: dangling.md: not-found
;; stdout: loop.md: unreadable
;; never: 29 bytes
;; audit: "code":"outside"
(component
  (@include "types") (@include "kit") (@include "files")
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "done" (func $done (result i32)))
    (import "tell" "read-each" (func $read-each (param i32 i32 i32 i32)))
    (data (i32.const 4096) "conductor")
    (data (i32.const 8192)
      "good.md\n"
      "up/beside.md\n"
      "out/secret.md\n"
      "out.md\n"
      "absolute.md\n"
      "beside.md\n"
      "process/environ\n"
      "again/up/beside.md\n"
      "dangling.md\n"
      "loop.md\n")
    (func (export "run") (result i32)
      (call $read-each (i32.const 4096) (i32.const 9) (i32.const 8192) (i32.const 119))
      (call $done)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit)) (with "tell" (instance $tell))))
  (@include "run"))
