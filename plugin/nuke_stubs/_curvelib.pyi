from nuke._curvelib import *
