"""A realistic report, made by hand: four backends (one not installed), every status, failures of several kinds."""

from __future__ import annotations

from gradlaw.reports.records import (
    BackendInfo,
    Cell,
    Failure,
    Identity,
    Input,
    NumericEvidence,
    Proof,
    Report,
    Run,
    Status,
)

SHAPES = ["(0,)", "(1,)", "(2,)", "(3,)", "(7,)", "(64,)", "(2, 3)", "(1, 5)", "(4, 1, 3)", "(0, 3)"]
CLASSES = {"ordinary": 212, "edge": 40, "kink": 16, "extreme": 80, "subnormal": 12}
VECTOR = "any finite value"

# id, chapter, kind, title, TeX, partials, source, domain, what holds at the edges
ENTRIES: list[tuple[str, str, str, str, str, dict[str, str], str, str, str]] = [
    (
        "elementwise.add",
        "Element-wise operations",
        "rule",
        "Sum of two vectors",
        r"w + x",
        {"w": "I", "x": "I"},
        "Parr & Howard §4.2",
        "all of ℝⁿ",
        "no edges",
    ),
    (
        "elementwise.multiply",
        "Element-wise operations",
        "rule",
        "Element-wise product",
        r"w \otimes x",
        {"w": r"\operatorname{diag}(x)", "x": r"\operatorname{diag}(w)"},
        "Parr & Howard §4.2",
        "all of ℝⁿ",
        "no edges",
    ),
    (
        "elementwise.divide",
        "Element-wise operations",
        "rule",
        "Element-wise quotient",
        r"w \oslash x",
        {"w": r"\operatorname{diag}(1 \oslash x)", "x": r"\operatorname{diag}(-w \oslash x^2)"},
        "Parr & Howard §4.2",
        "every entry of x ≠ 0",
        "nothing is claimed where an entry of x is 0",
    ),
    (
        "elementwise.maximum",
        "Element-wise operations",
        "rule",
        "Larger of two entries",
        r"\max(w, x)",
        {
            "w": r"\operatorname{diag}\begin{cases} 1 & w_i > x_i \\ 0 & w_i < x_i \end{cases}",
            "x": r"\operatorname{diag}\begin{cases} 0 & w_i > x_i \\ 1 & w_i < x_i \end{cases}",
        },
        "Parr & Howard §4.2",
        "all of ℝⁿ",
        "at a tie any pair (θ, 1 − θ) with one θ in [0, 1]",
    ),
    (
        "expansion.scale",
        "Scalar expansion",
        "rule",
        "Vector times scalar",
        r"x z",
        {"x": "z I", "z": "x"},
        "Parr & Howard §4.3",
        "all of ℝⁿ × ℝ",
        "no edges",
    ),
    (
        "reduction.sum",
        "Reductions",
        "rule",
        "Sum of a vector",
        r"\sum_{i=1}^n x_i",
        {"x": r"\vec{1}^\top"},
        "Parr & Howard §4.4",
        "all of ℝⁿ; the empty sum is 0",
        "no edges",
    ),
    (
        "reduction.prod",
        "Reductions",
        "rule",
        "Product of the entries",
        r"\prod_{i=1}^n x_i",
        {"x": r"\Bigl[\, \prod_{j \ne i} x_j \,\Bigr]_i^\top"},
        "catalogue, reductions",
        "all of ℝⁿ",
        "entries may be 0: the partials are products of the others, not quotients",
    ),
    (
        "reduction.logsumexp",
        "Reductions",
        "rule",
        "Logarithm of a sum of exponentials",
        r"\log \sum_{i=1}^n e^{x_i}",
        {"x": r"\operatorname{softmax}(x)^\top"},
        "catalogue, reductions",
        "n ≥ 1",
        "no edges",
    ),
    (
        "reduction.norm2",
        "Reductions",
        "rule",
        "Euclidean norm",
        r"\left\lVert x \right\rVert_2 = \sqrt{\sum_{i=1}^n x_i^2}",
        {"x": r"\frac{x^\top}{\left\lVert x \right\rVert_2}"},
        "catalogue, norms",
        "x ≠ 0",
        "at 0 the unit ball: any row of norm ≤ 1",
    ),
    (
        "chain.vector",
        "The chain rule",
        "law",
        "Vector chain rule",
        r"\frac{\partial f(g(x))}{\partial x} = \frac{\partial f}{\partial g}\frac{\partial g}{\partial x}",
        {},
        "Parr & Howard §4.5",
        "g(x) inside the domain of f",
        "where f or g has a kink nothing is claimed",
    ),
    (
        "chain.total",
        "The chain rule",
        "law",
        "Total derivative of one variable",
        r"\frac{d f(x, u_1, \dots, u_n)}{d x} = \frac{\partial f}{\partial x} + \sum_{i=1}^n "
        r"\frac{\partial f}{\partial u_i}\frac{d u_i}{d x}",
        {},
        "Parr & Howard §4.5.2",
        "every uᵢ(x) inside the domain of f",
        "no edges",
    ),
    (
        "relu.relu",
        "Activations",
        "rule",
        "Rectified linear unit",
        r"\max(0, z)",
        {"z": r"\begin{cases} 0 & z \le 0 \\ 1 & z > 0 \end{cases}"},
        "Parr & Howard §5",
        "all of ℝⁿ",
        "at z = 0 any value in [0, 1]",
    ),
    (
        "relu.softmax",
        "Activations",
        "rule",
        "Softmax",
        r"\operatorname{softmax}(x)_i = \frac{e^{x_i}}{\sum_j e^{x_j}}",
        {"x": r"\operatorname{diag}(s) - s s^\top, \quad s = \operatorname{softmax}(x)"},
        "catalogue, activations",
        "n ≥ 1",
        "no edges",
    ),
    (
        "special.digamma",
        "Special functions",
        "rule",
        "Digamma function",
        r"\psi(x) = \frac{\Gamma'(x)}{\Gamma(x)}",
        {"x": r"\operatorname{diag}\left(\sum_{k=0}^\infty \frac{1}{(x + k)^2}\right)"},
        "DLMF 5.15.1",
        "x not in {0, −1, −2, …}",
        "poles: nothing is claimed",
    ),
    (
        "linalg.logdet",
        "Linear algebra",
        "rule",
        "Logarithm of a determinant",
        r"\log \lvert \det X \rvert",
        {"X": r"\operatorname{vec}(X^{-\top})^\top"},
        "Giles 2008, §2.2.4",
        "X square and regular",
        "singular X: nothing is claimed",
    ),
]

DIGAMMA_SCRIPT = """import jax, numpy as np
jax.config.update("jax_enable_x64", True)

x = np.array([-1.5000000000000002])
got = jax.grad(lambda t: jax.scipy.special.digamma(t).sum())(x)
print("got     ", got)
print("expected", 9.3772466...)
assert 9.37724 < got[0] < 9.37725
"""
TRACEBACK = """Traceback (most recent call last):
  File "backends/torch.py", line 88, in vjp
    (pulled,) = torch.autograd.grad(out, x, grad_outputs=v)
  File "torch/autograd/__init__.py", line 503, in grad
    result = _engine_run_backward(
RuntimeError: derivative for aten::linalg_slogdet is not implemented for an empty batch
"""


def failure(headline: str, kind: str = "value", **fields: object) -> Failure:
    """One counterexample; the fields not given are those of JAX's digamma."""
    given: dict[str, object] = {
        "inputs": {"x": "[-1.5000000000000002]"},
        "direction": "v = [1.0]",
        "got": [-6.02e28],
        "expected": ["[9.37724660 ± 3.1e-9]"],
        "worst_element": "[0]",
        "worst_got": -6.02e28,
        "worst_expected": "[9.37724660 ± 3.1e-9]",
        "allowed_radius": 6.2e-14,
        "script": DIGAMMA_SCRIPT,
        "confirmed": "the definition at 60 digits gives 9.377246601645…; outside the loosest form's bound 4.1e-13",
    }
    return Failure(headline=headline, kind=kind, **(given | fields))  # type: ignore[arg-type]


FOUND: dict[tuple[str, str, str, str], tuple[Status, str, list[Failure]]] = {
    ("special.digamma", "jax", "native:jax.scipy.special.digamma", "*"): (
        "fail",
        "",
        [failure("jax digamma: the derivative at −1.5 is −6.02e28, and must be 9.37724660")],
    ),
    ("special.digamma", "autograd", "*", "*"): ("unsupported", "no forward rule for digamma", []),
    ("linalg.logdet", "torch", "native:torch.linalg.slogdet", "float64"): (
        "crash",
        "the worker died with signal 11",
        [
            failure(
                "torch slogdet: the process died on a 0 × 0 matrix",
                "crash",
                inputs={"X": "zeros((0, 0))"},
                got=[],
                expected=[],
                worst_element="",
                worst_got="nan",
                worst_expected="",
                allowed_radius="nan",
                confirmed="",
                script="import torch\n\nX = torch.zeros(0, 0, dtype=torch.float64, requires_grad=True)\n"
                "torch.linalg.slogdet(X)[1].backward()\n",
                traceback=TRACEBACK,
            )
        ],
    ),
    ("linalg.logdet", "jax", "composed", "float32"): ("timeout", "no answer within 60 s", []),
    ("linalg.logdet", "autograd", "composed", "float64"): ("error", "ValueError: operands do not align", []),
    ("elementwise.divide", "jax", "*", "float32"): (
        "inaccurate",
        "inside the enclosure of w·(1/x), not of w/x",
        [
            failure(
                "jax quotient: 3.1 allowed radii from the true value",
                "accuracy",
                inputs={"w": "[3.0, 1e-38]", "x": "[7.0, 1e-20]"},
                got=[0.14285715, "inf"],
                expected=["[0.142857142857 ± 2e-9]", "[1e20 ± 3e12]"],
                worst_element="[0]",
                worst_got=0.14285715,
                worst_expected="[0.142857142857 ± 2e-9]",
                allowed_radius=2.3e-9,
                script="import jax\nprint(jax.grad(lambda w: w / 7)(3.0))\n",
            )
        ],
    ),
    ("reduction.prod", "torch", "native:torch.prod", "float32"): ("vacuous", "only weak components", []),
    ("reduction.norm2", "autograd", "composed", "float32"): ("no_claim", "every form may overflow", []),
    ("relu.softmax", "torch", "native:torch.softmax", "float32"): ("inaccurate", "the tail is lost", []),
}
NATIVE = {
    ("special.digamma", "jax"): "native:jax.scipy.special.digamma",
    ("linalg.logdet", "torch"): "native:torch.linalg.slogdet",
    ("reduction.prod", "torch"): "native:torch.prod",
    ("relu.softmax", "torch"): "native:torch.softmax",
    ("relu.softmax", "jax"): "native:jax.nn.softmax",
    ("relu.relu", "torch"): "native:torch.relu",
    ("relu.relu", "jax"): "native:jax.nn.relu",
}


def _found(identity: str, backend: str, variant: str, dtype: str) -> tuple[Status, str, list[Failure]]:
    for v in (variant, "*"):
        for d in (dtype, "*"):
            if (identity, backend, v, d) in FOUND:
                return FOUND[identity, backend, v, d]
    return "pass", "", []


def _cells(identity: str, backend: str) -> list[Cell]:
    cells: list[Cell] = []
    for variant in ["composed", *([NATIVE[identity, backend]] if (identity, backend) in NATIVE else [])]:
        for mode in ("forward", "reverse"):
            for dtype in ("float32", "float64"):
                key = {"identity": identity, "backend": backend, "variant": variant, "mode": mode, "dtype": dtype}
                if backend == "tensorflow":
                    cells.append(Cell(**key, status="not_run", reason="not installed"))
                    continue
                status, reason, failures = _found(identity, backend, variant, dtype)
                judged = status in ("pass", "inaccurate", "fail")
                cells.append(
                    Cell(
                        **key,
                        status=status,
                        reason=reason,
                        failures=failures,
                        derived=backend == "autograd" and mode == "forward",
                        examples=360 if judged else 0,
                        components=4120 if judged else 0,
                        verdicts={"right": 4106, "weak": 11, "no claim": 3} if judged else {},
                        shapes=SHAPES if judged else [],
                        classes=CLASSES if judged else {},
                        worst={"pass": 0.41, "inaccurate": 3.1, "fail": "inf"}.get(status, 0.0),
                        conventions={"0": 16} if judged and identity.startswith("relu.relu") else {},
                        seconds=0.21,
                    )
                )
    return cells


def _identity(entry: tuple[str, str, str, str, str, dict[str, str], str, str, str]) -> Identity:
    id, chapter, kind, title, tex, partials, source, domain, at_edges = entry
    arguments = list(partials) or ["x"]
    proofs = [
        Proof(judge="SymPy components", argument=a, sizes=f"n = {n}", status="proved", ms=4.0 + n)
        for a in arguments
        for n in (0, 1, 2, 3)
    ]
    proofs += [Proof(judge="finite field", argument=a, sizes="n = 3", status="randomized proof") for a in arguments]
    proofs += [Proof(judge="index notation", argument=a, sizes="every n", status="proved", ms=8.1) for a in arguments]
    if id == "special.digamma":
        proofs = [
            Proof(judge="index notation", argument="x", sizes="every n", status="undecided", reason="no rule for ψ′")
        ]
    return Identity(
        id=id,
        chapter=chapter,
        kind=kind,  # type: ignore[arg-type]
        title=title,
        tex=tex,
        partials=partials,
        source=source,
        inputs=[Input(name=a, shape="n", domain=VECTOR, differentiable=True) for a in arguments],
        domain=domain,
        at_edges=at_edges,
        proofs=[] if kind == "law" else proofs,
        numeric=NumericEvidence(
            status="pass", examples=240, components=2900, at_kinks=12, shapes=SHAPES, classes=CLASSES, ms=310.0
        ),
    )


def sample_report() -> Report:
    """A complete run in which something of every kind happened."""
    backends = [
        BackendInfo(
            name="autograd",
            version="1.8.0",
            installed=True,
            modes=["reverse", "forward"],
            dtypes=["float32", "float64"],
            devices=["cpu"],
            derived_forward=True,
            flushes_subnormals={"float32": False, "float64": False},
        ),
        BackendInfo(
            name="jax",
            version="0.4.38",
            installed=True,
            modes=["reverse", "forward"],
            dtypes=["float32", "float64"],
            devices=["cpu"],
            flushes_subnormals={"float32": True, "float64": True},
        ),
        BackendInfo(
            name="torch",
            version="2.9.1",
            installed=True,
            modes=["reverse", "forward"],
            dtypes=["float32", "float64"],
            devices=["cpu"],
            flushes_subnormals={"float32": False, "float64": False},
            self_test=["float32 matmul agrees with the definition"],
        ),
        BackendInfo(name="tensorflow", version="", installed=False, reason="No module named 'tensorflow'"),
    ]
    identities = [_identity(entry) for entry in ENTRIES]
    return Report(
        run=Run(
            gradlaw="0.1.0",
            catalogue="2025.1 (15 identities)",
            profile="standard",
            seed=20251123,
            complete=True,
            exit_status=1,
            command="gradlaw run --profile standard --seed 20251123",
            started="2025-11-23T18:02:11+00:00",
            seconds=412.7,
            python="3.11.7",
            platform="Linux-6.8-x86_64-with-glibc2.36",
            selection={"backends": ["autograd", "jax", "torch", "tensorflow"]},
        ),
        backends=backends,
        identities=identities,
        cells=[cell for i in identities for b in backends for cell in _cells(i.id, b.name)],
    )


def empty_report(complete: bool = True) -> Report:
    """A run in which nothing was there to judge."""
    run = Run(
        gradlaw="0.1.0", catalogue="", profile="quick", seed=0, complete=complete, exit_status=0, command="gradlaw run"
    )
    return Report(run=run, backends=[], identities=[], cells=[])
