"""The chain around the decision: prison, probation and municipality with the same dossier.

`intake` asks what is not known yet; `plan` follows goals; `conditions` prepares a release on the
five basic conditions; `notices` says who must be told what; `sharing` lets through what a legal
basis allows; `selection` asks for whom probation's effort adds value.
"""
