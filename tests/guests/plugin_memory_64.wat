;; A 64-bit memory asks for more bytes than a number can count, beside another one.
;; exit: 5
;; stderr: plugin `hostile` 1.0 was stopped: it wanted more than its 256 MiB of memory
(component
  (@include "types") (@include "kit")
  (core module $module
    (memory i64 1)
    (func (export "run") (result i32)
      (drop (memory.grow (i64.const 0xffff_ffff_fffe)))
      (drop (memory.grow (i64.const -2)))
      (loop $again (drop (memory.grow (i64.const 0x1000))) (br $again))
      unreachable))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
