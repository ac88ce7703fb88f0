;; Hides a manifest in an inner module.
;; manifest: none
;; exit: 1
;; stderr: hostile.wasm` has a manifest inside one of its parts
(component
  (@include "types") (@include "kit")
  (core module $inner (@custom "conductor-manifest" "{}"))
  (core module $module
    (import "kit" "done" (func $done (result i32)))
    (func (export "run") (result i32) (call $done)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
