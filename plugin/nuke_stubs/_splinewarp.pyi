from nuke._splinewarp import *
