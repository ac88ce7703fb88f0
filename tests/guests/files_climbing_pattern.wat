;; A walk with patterns that climb.
;; grant: conductor
;; exit: 0
;; stdout: : invalid-pattern
;; audit: "code":"invalid-pattern"
(component
  (@include "types") (@include "kit") (@include "files")
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "done" (func $done (result i32)))
    (import "tell" "snapshot" (func $snapshot (param i32 i32 i32 i32 i64)))
    (data (i32.const 4096) "conductor")
    (data (i32.const 5000) "\00\20\00\00\04\00\00\00")
    (data (i32.const 8192) "../*")
    (func (export "run") (result i32)
      (call $snapshot (i32.const 4096) (i32.const 9) (i32.const 5000) (i32.const 1) (i64.const 1000000))
      (call $done)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit)) (with "tell" (instance $tell))))
  (@include "run"))
