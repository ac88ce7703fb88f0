;; Has no manifest.
;; manifest: none
;; exit: 1
;; stderr: hostile.wasm` has no manifest, so it can be granted nothing
;; stderr: hint: `conductor plugin pack --manifest plugin.json FILE.wasm` puts one in
(component
  (@include "types") (@include "kit")
  (core module $module
    (import "kit" "done" (func $done (result i32)))
    (func (export "run") (result i32) (call $done)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
