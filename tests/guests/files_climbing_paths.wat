;; Climbs out of its grant by `..`, absolute paths, and what else a path parser may stumble over.
;; grant: conductor
;; exit: 0
;; stdout: tracks.md: 9 bytes
;; stdout: ../beside.md: invalid-path
;; stdout: tracks/../../beside.md: invalid-path
;; stdout: ./tracks.md: invalid-path
;; stdout: /etc/passwd: invalid-path
;; stdout: //etc/passwd: invalid-path
;; stdout: tracks//one/plan.md: invalid-path
;; stdout: tracks/one/plan.md/: invalid-path
;; stdout: C:/x: not-found
;; stdout: ..\..\beside.md: not-found
;; never: 29 bytes
;; audit: ../beside.md
;; audit: /etc/passwd
;; audit: "exit":0,
(component
  (@include "types") (@include "kit") (@include "files")
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "done" (func $done (result i32)))
    (import "tell" "read-each" (func $read-each (param i32 i32 i32 i32)))
    (data (i32.const 4096) "conductor")
    (data (i32.const 8192)
      "tracks.md\n"
      "../beside.md\n"
      "tracks/../../beside.md\n"
      "./tracks.md\n"
      "/etc/passwd\n"
      "//etc/passwd\n"
      "tracks//one/plan.md\n"
      "tracks/one/plan.md/\n"
      "C:/x\n"
      "..\\..\\beside.md\n")
    (func (export "run") (result i32)
      (call $read-each (i32.const 4096) (i32.const 9) (i32.const 8192) (i32.const 146))
      (call $done)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit)) (with "tell" (instance $tell))))
  (@include "run"))
