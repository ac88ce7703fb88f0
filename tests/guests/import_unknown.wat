;; Imports an interface that nobody gives to plugins.
;; exit: 1
;; stderr: plugin `hostile` 1.0 imports `foo:bar/baz`, which `conductor` does not give to plugins
;; stderr: hint: what there is: conductor:plugin@0.1.0 and wasi:io
(component
  (@include "types") (@include "kit")
  (import "foo:bar/baz" (instance $other (export "call" (func))))
  (core module $module
    (func (export "run") (result i32) unreachable))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
