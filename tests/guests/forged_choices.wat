;; Choices with escape sequences, lines of their own, and arguments that a shell would carry out.
;; exit: 3
;; stderr: plugin `hostile` 1.0: pick[2J one
;; stderr: A hint: x) la[2Jbel
;; stderr: conductor plugin run
;; stderr: -- '--track=$(touch pwned); rm -rf ~' 'it'\''s'
(component
  (@include "types") (@include "kit")
  (core module $module
    (import "kit" "memory" (memory 1))
    (data (i32.const 4096) "which")
    (data (i32.const 4101) "pick\1b[2J one")
    (data (i32.const 4113) "A\nhint: x")
    (data (i32.const 4122) "la\1b[2Jbel")
    (data (i32.const 4131) "de\1b[2Jsc\nhint: y")
    (data (i32.const 4147) "--track=$(touch pwned); rm -rf ~")
    (data (i32.const 4179) "it's")
    (func (export "run") (result i32)
      (i32.store8 (i32.const 0) (i32.const 1))
      (i32.store offset=4 (i32.const 0) (i32.const 4096))
      (i32.store offset=8 (i32.const 0) (i32.const 5))
      (i32.store offset=12 (i32.const 0) (i32.const 4101))
      (i32.store offset=16 (i32.const 0) (i32.const 12))
      (i32.store offset=40 (i32.const 0) (i32.const 4113))
      (i32.store offset=44 (i32.const 0) (i32.const 0))
      (i32.store offset=32 (i32.const 0) (i32.const 20480))
      (i32.store offset=36 (i32.const 0) (i32.const 1))
      (i32.store offset=20480 (i32.const 0) (i32.const 4113))
      (i32.store offset=20484 (i32.const 0) (i32.const 9))
      (i32.store offset=20488 (i32.const 0) (i32.const 4122))
      (i32.store offset=20492 (i32.const 0) (i32.const 9))
      (i32.store offset=20496 (i32.const 0) (i32.const 4131))
      (i32.store offset=20500 (i32.const 0) (i32.const 16))
      (i32.store offset=20504 (i32.const 0) (i32.const 28672))
      (i32.store offset=20508 (i32.const 0) (i32.const 2))
      (i32.store offset=28672 (i32.const 0) (i32.const 4147))
      (i32.store offset=28676 (i32.const 0) (i32.const 32))
      (i32.store offset=28680 (i32.const 0) (i32.const 4179))
      (i32.store offset=28684 (i32.const 0) (i32.const 4))
      (i32.const 0)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
