  ;; `wasi:sockets/network` and the one network there is.
  (import "wasi:sockets/network@0.2.6" (instance $network
    (export "network" (type (sub resource)))
    (type $error-code' (enum "unknown" "access-denied" "not-supported" "invalid-argument" "out-of-memory" "timeout"
      "concurrency-conflict" "not-in-progress" "would-block" "invalid-state" "new-socket-limit" "address-not-bindable"
      "address-in-use" "remote-unreachable" "connection-refused" "connection-reset" "connection-aborted"
      "datagram-too-large" "name-unresolvable" "temporary-resolver-failure" "permanent-resolver-failure"))
    (export "error-code" (type $error-code (eq $error-code')))
    (type $ip-address-family' (enum "ipv4" "ipv6"))
    (export "ip-address-family" (type $ip-address-family (eq $ip-address-family')))
    (type $ipv4-address' (tuple u8 u8 u8 u8))
    (export "ipv4-address" (type $ipv4-address (eq $ipv4-address')))
    (type $ipv6-address' (tuple u16 u16 u16 u16 u16 u16 u16 u16))
    (export "ipv6-address" (type $ipv6-address (eq $ipv6-address')))
    (type $ipv4' (record (field "port" u16) (field "address" $ipv4-address)))
    (export "ipv4-socket-address" (type $ipv4 (eq $ipv4')))
    (type $ipv6' (record (field "port" u16) (field "flow-info" u32) (field "address" $ipv6-address) (field "scope-id" u32)))
    (export "ipv6-socket-address" (type $ipv6 (eq $ipv6')))
    (type $address' (variant (case "ipv4" $ipv4) (case "ipv6" $ipv6)))
    (export "ip-socket-address" (type (eq $address')))))
  (alias export $network "network" (type $network-handle))
  (alias export $network "error-code" (type $error-code))
  (alias export $network "ip-address-family" (type $family))
  (alias export $network "ip-socket-address" (type $address))
  (import "wasi:sockets/instance-network@0.2.6" (instance $instance-network
    (export "network" (type $network' (eq $network-handle)))
    (export "instance-network" (func (result (own $network'))))))
