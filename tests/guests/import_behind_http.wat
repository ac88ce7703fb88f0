;; Hides an unknown import behind `wasi:http`, whose presence makes the host link traps.
;; exit: 1
;; stderr: plugin `hostile` 1.0 imports `evil:package/call`
(component
  (@include "types") (@include "kit")
  (import "wasi:http/types@0.2.10" (instance $http (export "call" (func))))
  (import "evil:package/call" (instance $other (export "call" (func))))
  (core module $module
    (func (export "run") (result i32) unreachable))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
