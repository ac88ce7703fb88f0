;; Reads what is no regular file: a FIFO without a writer, a device, a folder.
;; grant: conductor
;; exit: 0
;; stdout: pipe: not-a-file
;; stdout: null: outside
;; stdout: tracks: not-a-file
;; stdout: tracks.md/x: unreadable
(component
  (@include "types") (@include "kit") (@include "files")
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "done" (func $done (result i32)))
    (import "tell" "read-each" (func $read-each (param i32 i32 i32 i32)))
    (data (i32.const 4096) "conductor")
    (data (i32.const 8192)
      "pipe\n"
      "null\n"
      "tracks\n"
      "tracks.md/x\n")
    (func (export "run") (result i32)
      (call $read-each (i32.const 4096) (i32.const 9) (i32.const 8192) (i32.const 29))
      (call $done)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit)) (with "tell" (instance $tell))))
  (@include "run"))
