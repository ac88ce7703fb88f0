;; Its allocator, which the host calls to hand over a result, computes for ever: that is its own computing.
;; exit: 5
;; stderr: plugin `hostile` 1.0 was stopped: it used its 10 s of computing
;; seconds: 14
(component
  (@include "types") (@include "kit")
  (import "conductor:plugin/invocation@0.1.0" (instance $invocation (export "arguments" (func (result string)))))
  (core module $own-module
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (loop $again (br $again)) unreachable))
  (core instance $own (instantiate $own-module))
  (alias core export $own "memory" (core memory $own-memory))
  (alias core export $own "realloc" (core func $own-realloc))
  (core func $arguments (canon lower (func $invocation "arguments") (memory $own-memory) (realloc $own-realloc)))
  (core instance $invocation-core (export "arguments" (func $arguments)))
  (core module $module
    (import "invocation" "arguments" (func $arguments (param i32)))
    (func (export "run") (result i32) (call $arguments (i32.const 0)) unreachable))
  (core instance $guest (instantiate $module (with "invocation" (instance $invocation-core))))
  (@include "run"))
