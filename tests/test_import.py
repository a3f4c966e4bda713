"""What importing costs: NumPy alone for the arithmetic, and no start-up messages with TensorFlow."""

import subprocess
import sys


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)


def test_the_package_and_the_arithmetic_pull_in_no_tensorflow() -> None:
    code = (
        "import sys, cam_course, cam_course.maps, cam_course.plotting, cam_course.teaching.identity\n"
        "import cam_course.teaching.widgets.weights, cam_course.data.mnist, cam_course.data.photos, cam_course.cli\n"
        "print([name for name in ('tensorflow', 'keras', 'sklearn', 'cv2') if name in sys.modules])"
    )
    assert run(code).stdout.strip() == "[]"


def test_an_explanation_loads_no_matplotlib_until_it_is_shown() -> None:
    code = "import sys, cam_course.explanation; print('matplotlib' in sys.modules)"
    assert run(code).stdout.strip() == "False"


def test_import_of_the_package_loads_next_to_nothing() -> None:
    # A ratio in one run: the package against the interpreter's own start with NumPy.
    code = "import sys, cam_course; print('numpy' in sys.modules, dir(cam_course))"
    assert run(code).stdout.startswith(
        "False ['ActivationMaximization', 'CAM', 'Explanation', 'GradCAM', 'GradCAMPlusPlus',"
    )


def test_an_unknown_name_is_an_attribute_error_that_lists_the_known_ones() -> None:
    code = "import cam_course\ntry: cam_course.Cam\nexcept AttributeError as error: print(error)"
    assert "it has ActivationMaximization, CAM, Explanation, GradCAM," in run(code).stdout


def test_tensorflow_comes_without_its_start_up_messages_and_garbage_is_collected_after_it() -> None:
    imports = "import gc; from cam_course import CAM; import keras, tensorflow as tf\n"
    done = run(imports + "print(tf.reduce_sum([1, 2]).numpy(), gc.isenabled())")
    assert done.stdout.strip() == "3 True"
    assert done.stderr == ""


def test_what_is_no_start_up_message_is_passed_on_and_who_collects_no_garbage_still_collects_none() -> None:
    done = run(
        "import gc, os; gc.disable()\nfrom cam_course import quiet_tensorflow\n"
        "with quiet_tensorflow._without_chatter():\n"
        "    os.write(2, b'I0000 00:00:1 1 port.cc:1] chatter\\nE0000 00:00:1 1 gpu.cc:1] broken\\n')\n"
        "print(gc.isenabled())"
    )
    assert done.stdout.strip() == "False"
    assert done.stderr == "E0000 00:00:1 1 gpu.cc:1] broken\n"
