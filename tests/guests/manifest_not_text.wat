;; Its manifest is not UTF-8.
;; manifest: none
;; exit: 1
;; stderr: the manifest of
;; stderr: hostile.wasm` is not UTF-8
(component
  (@include "types") (@include "kit")
  (@custom "conductor-manifest" "{\ff}")
  (core module $module
    (import "kit" "done" (func $done (result i32)))
    (func (export "run") (result i32) (call $done)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
