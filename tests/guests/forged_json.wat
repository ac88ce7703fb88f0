;; Data that is no JSON.
;; args: --json
;; exit: 5
;; stdout: "message":"plugin `hostile` gave data that is not JSON"
(component
  (@include "types") (@include "kit")
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "outcome" (func $outcome (param i32 i32) (result i32)))
    (data (i32.const 4096) "")
    (data (i32.const 8192) "{\"a\": 1")
    (func (export "run") (result i32)
      (i32.store (i32.const 600) (i32.const 1024))
      (i32.store (i32.const 604) (i32.const 5))
      (i32.store (i32.const 608) (i32.const 4096))
      (i32.store (i32.const 612) (i32.const 0))
      (drop (call $outcome (i32.const 600) (i32.const 1)))
      (i32.store offset=12 (i32.const 0) (i32.const 8192))
      (i32.store offset=16 (i32.const 0) (i32.const 7))
      (i32.const 0)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
