"""What can be proved: the registry contract, the chain it lives on, and everything Shuize asks of either.

The nouns. A *product* is a name on the chain; a *release* is a numbered version of it with the digest of
its manifest and the root over its content; a *grant* lets a party use it for a while; a *checkpoint* fixes
how far the event log had grown. All are numbered on the chain, so a reader knows when something is missing.

    src/*.sol ── compile.py ──▶ artifacts/*.json      built once, committed; users need no compiler
                                     │ artifact.py, abi.py
    open_chain(path | url) ─▶ Chain  │                chain.py, node.py; embedded/ is a whole chain in a file
                                │    ▼
    DataRegistry(chain, address) ─▶ ChainRelease, ChainGrant, ChainCheckpoint      registry.py, models.py
                      │ .calls.publish(…)
                      ▼
                    Call ── Sender(chain, account).sign ──▶ SignedTransaction ── complete ──▶ Receipt
                            calls.py, sender.py, fees.py; the account from keys.unlock(path, password)

What the contract refuses comes back as named errors (`refusals.py`). A signed transaction is stored before it
is sent, and can be sent again after a crash: the chain takes it once. Nothing is imported here: the chain
libraries take half a second, and most commands do without them. The reasons for it all are in DECISIONS.md.
"""
