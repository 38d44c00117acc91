"""Clients that send a job and give up after half a second: to the healthy
server, which finishes the job and closes, and to the one that hangs."""


def play(stage):
    port = stage.listening()

    def abort():
        with stage.connect(port, b"job\n"):
            stage.ended.wait(0.5)
    stage.repeat(0.5, abort)
    stage.count(8 if stage.leaky else 2, "CLOSE_WAIT")
    if not stage.leaky:  # until as many end as begin
        stage.ended.wait(8)
