//! A small plugin, which is quick to compile: it says one word.

/// Says `word` (five letters), with this manifest.
pub(crate) fn said_by(word: &str, manifest: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
          (type $f' (record (field "key" string) (field "label" string) (field "description" string) (field "args" (list string))))
          (export $f "choice" (type $f'))
          (type $l' (record (field "digest" string) (field "subject" string) (field "scope" string) (field "yes" string)
            (field "others" (list $f))))
          (export $l "plan" (type $l'))
          (type $o' (record (field "text" (list (tuple string string))) (field "json" string) (field "plan" (option $l))))
          (export $o "outcome" (type $o'))
          (type $e' (record (field "code" string) (field "message" string) (field "hint" (option string))
            (field "choices" (list $f)) (field "details" string)))
          (export $e "failure" (type $e'))
          (core module $m
            (memory (export "memory") 1)
            (data (i32.const 64) "\00\02\00\00\00\00\00\00\00\02\00\00\05\00\00\00")
            (data (i32.const 512) "{word}")
            (func (export "run") (result i32)
              (i32.store (i32.const 4) (i32.const 64)) (i32.store (i32.const 8) (i32.const 1)) (i32.const 0)))
          (core instance $i (instantiate $m))
          (alias core export $i "memory" (core memory $memory))
          (func $run (result (result $o (error $e))) (canon lift (core func $i "run") (memory $memory)))
          (instance $p (export "run" (func $run)))
          (export "conductor:plugin/plugin@0.1.0" (instance $p)))"#
    );
    let wasm = wat::parse_str(text).expect("it is a component");
    conductor_host::component::with_manifest(&wasm, manifest, "a test").expect("packed")
}
