;; Calls `wasi:http`, which some runtimes import without use.
;; exit: 5
;; stderr: plugin `hostile` 1.0
;; stderr: wasi:http/outgoing-handler@0.2.10
(component
  (@include "types") (@include "kit")
  (import "wasi:http/outgoing-handler@0.2.10" (instance $http (export "handle" (func (param "request" string)))))
  (core func $handle (canon lower (func $http "handle") (memory $memory) (realloc $realloc)))
  (core instance $wasi (export "handle" (func $handle)))
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "say" (func $say (param i32 i32)))
    (import "kit" "say-number" (func $say-number (param i64)))
    (import "kit" "done" (func $done (result i32)))
    (import "kit" "failed" (func $failed (param i32 i32 i32 i32) (result i32)))
    (import "wasi" "handle" (func $handle (param i32 i32)))
    (func (export "run") (result i32) (call $handle (i32.const 0) (i32.const 0)) unreachable))
  (core instance $guest (instantiate $module (with "kit" (instance $kit)) (with "wasi" (instance $wasi))))
  (@include "run"))
