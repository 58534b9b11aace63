import socket

from services.local.ports import free_port, is_free


def test_a_free_port_is_not_among_those_of_outgoing_connections() -> None:
    with socket.create_server(("127.0.0.1", 0)) as outgoing:
        assert not is_free(outgoing.getsockname()[1])
        ports = {free_port() for _ in range(20)}
    assert len(ports) > 10
    assert all(1024 < port < 32_768 for port in ports)
    assert all(map(is_free, ports))
